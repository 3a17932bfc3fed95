/** The stores of the engine and of the data sets on Hadoop file systems. */
package dev.penstock.spark.fs;
