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
import scala.Function1;
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
      return text(parent.uid(), name, doc, new Validator<>(check));
    }
    throw new IllegalArgumentException("No Param type for " + type.getName());
  }

  /** Spark 4 asks for the type of the values, by which Connect knows what it may send. */
  @SuppressWarnings("unchecked") // the type is String
  private static Param<String> text(
      String parent, String name, String doc, Validator<String> check) {
    try {
      return (Param<String>)
          Param.class
              .getConstructor(
                  String.class, String.class, String.class, Function1.class, Class.class)
              .newInstance(parent, name, doc, check, String.class);
    } catch (NoSuchMethodException e) {
      return textWithoutType(parent, name, doc, check);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This Spark makes Params in a way of its own.", e);
    }
  }

  static Param<String> textWithoutType(
      String parent, String name, String doc, Function1<String, Object> check) {
    return new Param<>(parent, name, doc, check);
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
