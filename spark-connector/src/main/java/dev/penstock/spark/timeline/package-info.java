/** When the ranks of a run did what, beside the plan, as files. */
package dev.penstock.spark.timeline;
