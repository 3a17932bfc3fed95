/** What the driver hears of a run while it goes: steps through an accumulator, lines out. */
package dev.penstock.spark.progress;
