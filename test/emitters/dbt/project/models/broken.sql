{{ config(materialized='table', tags=['broken']) }}
select no_such_column from {{ ref('daily') }}
