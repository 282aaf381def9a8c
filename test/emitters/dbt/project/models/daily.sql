{{ config(materialized='table') }}
select title, sum(watched_s) / 3600.0 as hours from {{ ref('views') }} group by title
