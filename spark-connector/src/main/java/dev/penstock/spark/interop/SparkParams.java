package dev.penstock.spark.interop;

import java.io.Serializable;
import java.util.function.Predicate;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;
import scala.runtime.AbstractFunction1;

/** Makes Spark Params of the types that Spark Connect can carry. */
public final class SparkParams {
  private SparkParams() {}

  /** A test that travels with its Param when the stage is serialized. */
  public interface Check extends Predicate<Object>, Serializable {}

  /**
   * Makes a Param.
   *
   * @param parent the stage, whose uid must be set
   * @param type {@code String}, {@code String[]}, {@code Integer}, {@code Long}, {@code Double} or
   *     {@code Boolean}
   * @param check what Spark asks before it sets a value
   */
  public static Param<?> make(Params parent, String name, String doc, Class<?> type, Check check) {
    if (type == Integer.class) {
      return new IntParam(parent, name, doc, new Validator<>(check));
    }
    if (type == Long.class) {
      return new LongParam(parent, name, doc, new Validator<>(check));
    }
    if (type == Double.class) {
      return new DoubleParam(parent, name, doc, new Validator<>(check));
    }
    if (type == Boolean.class) {
      return new BooleanParam(parent, name, doc);
    }
    if (type == String[].class) {
      return new StringArrayParam(parent, name, doc, new Validator<>(check));
    }
    if (type == String.class) {
      return new Param<>(parent.uid(), name, doc, new Validator<String>(check), String.class);
    }
    throw new IllegalArgumentException("No Param type for " + type.getName());
  }

  private static final class Validator<T> extends AbstractFunction1<T, Object>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Check check;

    Validator(Check check) {
      this.check = check;
    }

    @Override
    public Object apply(T value) {
      return check.test(value);
    }
  }
}
