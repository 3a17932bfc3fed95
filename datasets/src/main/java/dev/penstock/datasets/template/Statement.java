package dev.penstock.datasets.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a template does. */
sealed interface Statement {
  /** A statement and where it is. */
  record Located(int line, Statement statement) {}

  /** Text as it is. */
  record Text(String text) implements Statement {}

  /** <code>{{ value }}</code>. */
  record Print(Expression value) implements Statement {}

  /** A loop. */
  record For(
      Target target,
      Expression items,
      @Nullable Expression condition,
      boolean recursive,
      List<Located> body,
      List<Located> otherwise)
      implements Statement {}

  /** The first branch whose condition is true. */
  record If(List<Branch> branches, List<Located> otherwise) implements Statement {}

  /** A branch of an if. */
  record Branch(Expression condition, List<Located> body) {}

  /** {@code set target = value}. */
  record Set(Target target, Expression value) implements Statement {}

  /**
   * {@code set target}, with the text up to endset.
   *
   * @param filtered the name of the text ({@link #BLOCK_TEXT}) in filters, or alone
   */
  record SetBlock(Target target, Expression filtered, List<Located> body) implements Statement {}

  /** {@code filter}: the text up to endfilter, filtered. */
  record FilterBlock(Expression filtered, List<Located> body) implements Statement {}

  /** {@code with}: variables for a block. */
  record With(List<Target> targets, List<Expression> values, List<Located> body)
      implements Statement {}

  /** {@code macro}: a function of a name. */
  record Macro(String name, Signature signature) implements Statement {}

  /** {@code call}: a macro called with a block as its {@code caller}. */
  record CallBlock(Expression.Call call, Signature caller) implements Statement {}

  /** {@code generation}: what the assistant says. */
  record Generation(List<Located> body) implements Statement {}

  /** Leaves the loop. */
  record Break() implements Statement {}

  /** Goes on with the next item of the loop. */
  record Continue() implements Statement {}

  /**
   * The name that stands for the text of a block in the filters over it; no template can say it.
   */
  Expression.Name BLOCK_TEXT = new Expression.Name("{block}");

  /**
   * Parameters and body of a macro.
   *
   * @param usesVarargs whether the body names {@code varargs}; else more arguments are an error
   * @param usesKwargs the same of {@code kwargs}
   * @param usesCaller the same of {@code caller}
   */
  record Signature(
      List<Parameter> parameters,
      List<Located> body,
      boolean usesVarargs,
      boolean usesKwargs,
      boolean usesCaller) {}

  /**
   * A parameter of a macro.
   *
   * @param otherwise its value if no argument is given; null: undefined
   */
  record Parameter(String name, @Nullable Expression otherwise) {}

  /** What is assigned to. */
  sealed interface Target {
    /** A variable. */
    record Variable(String name) implements Target {}

    /** An attribute of a namespace. */
    record NamespaceAttribute(String namespace, String attribute) implements Target {}

    /** Several, one for each item. */
    record Unpacked(List<Target> targets) implements Target {}
  }
}
