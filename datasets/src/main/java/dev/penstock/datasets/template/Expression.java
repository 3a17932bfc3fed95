package dev.penstock.datasets.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has a value. */
sealed interface Expression {
  /** A value that is written down. */
  record Literal(Object value) implements Expression {}

  /** A variable. */
  record Name(String name) implements Expression {}

  /** A list or tuple. */
  record Sequence(List<Expression> items, boolean tuple) implements Expression {}

  /** A dict. */
  record Mapping(List<Entry> entries) implements Expression {}

  /** An entry of a dict. */
  record Entry(Expression key, Expression value) {}

  /** {@code target.name}. */
  record Attribute(Expression target, String name) implements Expression {}

  /** {@code target[key]}. */
  record Item(Expression target, Expression key) implements Expression {}

  /** {@code target[start:stop:step]}. */
  record Slice(
      Expression target,
      @Nullable Expression start,
      @Nullable Expression stop,
      @Nullable Expression step)
      implements Expression {}

  /** {@code callee(arguments)}. */
  record Call(Expression callee, ArgumentList arguments) implements Expression {}

  /** {@code target | name(arguments)}. */
  record Filter(Expression target, String name, ArgumentList arguments) implements Expression {}

  /** {@code target is name(arguments)}. */
  record Test(Expression target, String name, ArgumentList arguments) implements Expression {}

  /** {@code -operand} or {@code +operand}. */
  record Signed(boolean minus, Expression operand) implements Expression {}

  /** {@code not operand}. */
  record Not(Expression operand) implements Expression {}

  /** Arithmetic. */
  record Binary(String operator, Expression left, Expression right) implements Expression {}

  /** {@code a ~ b ~ c}. */
  record Concatenation(List<Expression> parts) implements Expression {}

  /** {@code a < b <= c}. */
  record Comparison(Expression first, List<Compared> others) implements Expression {}

  /** An operand of a comparison, with the operator before it. */
  record Compared(String operator, Expression operand) {}

  /** {@code and}: the first that is not true, or the last. */
  record And(Expression left, Expression right) implements Expression {}

  /** {@code or}: the first that is true, or the last. */
  record Or(Expression left, Expression right) implements Expression {}

  /** {@code then if condition else otherwise}. */
  record Choice(Expression condition, Expression then, @Nullable Expression otherwise)
      implements Expression {}

  /**
   * The arguments of a call as written.
   *
   * @param list those of {@code *list}
   * @param map those of {@code **map}
   */
  record ArgumentList(
      List<Expression> positional,
      List<NamedArgument> named,
      @Nullable Expression list,
      @Nullable Expression map) {
    static final ArgumentList NONE = new ArgumentList(List.of(), List.of(), null, null);
  }

  /** {@code name=value}. */
  record NamedArgument(String name, Expression value) {}
}
