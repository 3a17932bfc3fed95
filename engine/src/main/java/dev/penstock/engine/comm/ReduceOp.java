package dev.penstock.engine.comm;

/** How {@link Transport#allReduce} combines elements. */
public enum ReduceOp {
  SUM,
  MAX,
  MIN
}
