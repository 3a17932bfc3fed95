package dev.penstock.engine.schedule;

/** What the numbers of a {@link Timeline} count. */
public enum TimeUnits {
  /** Units of a {@link CostModel}. */
  COST("", 1),
  /** Milliseconds, as measured. */
  MILLIS(" ms", 1000);

  private final String suffix;
  private final double microsPerUnit;

  TimeUnits(String suffix, double microsPerUnit) {
    this.suffix = suffix;
    this.microsPerUnit = microsPerUnit;
  }

  /** To write behind a number, with its blank. */
  public String suffix() {
    return suffix;
  }

  /** Microseconds of a Chrome trace for one unit: a cost unit is shown as one. */
  public double microsPerUnit() {
    return microsPerUnit;
  }
}
