/** The only room that names {@code scala.*}: what Spark offers to Scala callers alone. */
package dev.penstock.spark.interop;
