/** Spark Params and the engine's configuration records: one table maps them. */
package dev.penstock.spark.params;
