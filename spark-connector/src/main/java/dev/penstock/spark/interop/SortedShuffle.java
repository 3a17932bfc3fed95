package dev.penstock.spark.interop;

import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/** Spark's sorting shuffle for elements that have no value beside them. */
public final class SortedShuffle {
  private SortedShuffle() {}

  /** The elements in the partitions that the partitioner says, in their natural order within. */
  public static <T extends Comparable<T>> JavaRDD<T> of(
      JavaRDD<T> elements, Partitioner partitioner) {
    return elements
        .mapToPair(element -> new Tuple2<>(element, (Void) null))
        .repartitionAndSortWithinPartitions(partitioner)
        .keys();
  }
}
