/** Makes the shards of a stream while ranks read them, a bounded number ahead. */
package dev.penstock.spark.stream;
