"""A Spark job as people write them; the listener is set up from outside, by spark-submit's own --conf.

spark-submit job.py FOLDER
"""

import sys

from pyspark.sql import SparkSession

[folder] = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()

views = spark.createDataFrame([("Amber", "DE", 3600), ("Amber", "FR", 1800), ("Birch", "DE", 7200)], "title string, country string, watched_s bigint")
views.write.mode("overwrite").parquet(f"{folder}/views")

spark.read.parquet(f"{folder}/views").createOrReplaceTempView("views")
daily = spark.sql("select title, sum(watched_s) / 3600.0 as hours from views group by title")
daily.write.mode("overwrite").parquet(f"{folder}/daily")

# An RDD job, beside those of SQL.
spark.sparkContext.parallelize(range(10)).map(str).saveAsTextFile(f"{folder}/numbers")

spark.read.parquet(f"{folder}/daily").createOrReplaceTempView("daily")
try:
    spark.sql("select title, 1 / (hours - hours) as nothing from daily").write.mode("overwrite").parquet(f"{folder}/broken")
except Exception as error:
    print("failed as it should:", type(error).__name__)

spark.stop()
