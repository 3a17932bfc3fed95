/** The command line: {@code bin/penstock}, and the main class for spark-submit. */
package dev.penstock.spark.cli;
