/** The page of a fit: served while it runs, left beside the model as report.html. */
package dev.penstock.spark.live;
