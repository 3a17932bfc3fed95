package dev.penstock.spark.params;

import org.jspecify.annotations.Nullable;

/** An option of a stage: a line of a table from which its Param is made. */
public interface StageOption {
  /** Name of the Spark Param. */
  String paramName();

  /** The values it may take. */
  Domain domain();

  /** The value where none is set, or null: then the option is off or follows from others. */
  @Nullable Object defaultValue();

  /** The Param's documentation. */
  String doc();
}
