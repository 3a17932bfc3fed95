package dev.penstock.spark.interop;

/** Tasks of one kind that can run at once: those of equal slots take the same of an executor. */
public interface TaskSlots {
  /** How many, on the executors there are now, busy ones included. */
  int available();
}
