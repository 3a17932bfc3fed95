/** One fit: its inputs, the folders it writes, the run of the ranks, and what it leaves. */
package dev.penstock.spark.fit;
