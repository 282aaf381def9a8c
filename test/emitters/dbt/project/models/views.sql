{{ config(materialized='view') }}
select title, country, watched_s from {{ ref('raw_views') }} where watched_s > 0
