package dev.penstock.spark.interop;

import java.io.Serializable;
import org.apache.spark.api.java.JavaRDD;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.runtime.AbstractFunction1;

/**
 * Barrier mode from Java: an identity step in barrier mode makes the whole Spark stage before it a
 * barrier stage.
 */
public final class BarrierRdd {
  private BarrierRdd() {}

  /** The same elements, computed by tasks that start together. */
  @SuppressWarnings("unchecked") // elements are references
  public static <T> JavaRDD<T> of(JavaRDD<T> rdd) {
    ClassTag<T> tag = (ClassTag<T>) ClassTag.AnyRef();
    return new JavaRDD<>(rdd.rdd().barrier().mapPartitions(new Identity<>(), true, tag), tag);
  }

  private static final class Identity<T> extends AbstractFunction1<Iterator<T>, Iterator<T>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<T> apply(Iterator<T> elements) {
      return elements;
    }
  }
}
