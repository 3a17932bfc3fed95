package dev.penstock.datasets.template;

import dev.penstock.datasets.template.Expression.ArgumentList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tokens to expressions, with Jinja's precedence. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<TokenType> TEST_ARGUMENT =
      Set.of(TokenType.NAME, TokenType.STRING, TokenType.INTEGER, TokenType.FLOAT);

  private final TokenStream tokens;
  private final Primaries primaries;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    this.primaries = new Primaries(tokens, this);
  }

  /** One expression. */
  Expression parse() {
    tokens.enter();
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression condition = or();
      Expression otherwise = tokens.skipName("else") ? parse() : null;
      value = new Expression.Choice(condition, value, otherwise);
    }
    tokens.leave();
    return value;
  }

  /** One expression, or several with commas between, which are a tuple. */
  Expression parseTuple() {
    Expression first = parse();
    if (!tokens.atOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",") && !isEndOfTuple()) {
      items.add(parse());
    }
    return new Expression.Sequence(List.copyOf(items), true);
  }

  private boolean isEndOfTuple() {
    return tokens.at(TokenType.PRINT_END)
        || tokens.at(TokenType.BLOCK_END)
        || tokens.atOperator(")");
  }

  /** What a loop goes over: an if behind it is the loop's. */
  Expression parseLoopItems() {
    Expression first = or();
    if (!tokens.atOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",") && !tokens.at(TokenType.BLOCK_END) && !tokens.atName("if")) {
      items.add(or());
    }
    return new Expression.Sequence(List.copyOf(items), true);
  }

  private Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() {
    if (!tokens.skipName("not")) {
      return comparison();
    }
    tokens.enter();
    Expression operand = not();
    tokens.leave();
    return new Expression.Not(operand);
  }

  private Expression comparison() {
    Expression first = sum();
    List<Expression.Compared> others = new ArrayList<>();
    while (true) {
      String operator = comparisonOperator();
      if (operator == null) {
        break;
      }
      others.add(new Expression.Compared(operator, sum()));
    }
    return others.isEmpty() ? first : new Expression.Comparison(first, List.copyOf(others));
  }

  private @Nullable String comparisonOperator() {
    if (tokens.at(TokenType.OPERATOR) && COMPARISONS.contains(tokens.peek().text())) {
      return tokens.next().text();
    }
    if (tokens.skipName("in")) {
      return "in";
    }
    if (tokens.atName("not") && tokens.peekSecond().is(TokenType.NAME, "in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.atOperator("+") || tokens.atOperator("-")) {
      String operator = tokens.next().text();
      left = new Expression.Binary(operator, left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!tokens.atOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (tokens.skipOperator("~")) {
      parts.add(product());
    }
    return new Expression.Concatenation(List.copyOf(parts));
  }

  private Expression product() {
    Expression left = power();
    while (tokens.atOperator("*")
        || tokens.atOperator("/")
        || tokens.atOperator("//")
        || tokens.atOperator("%")) {
      String operator = tokens.next().text();
      left = new Expression.Binary(operator, left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.skipOperator("**")) {
      left = new Expression.Binary("**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    Expression value;
    if (tokens.atOperator("-") || tokens.atOperator("+")) {
      tokens.enter();
      value = new Expression.Signed(tokens.next().text().equals("-"), unary(false));
      tokens.leave();
    } else {
      value = primaries.primary();
    }
    value = primaries.postfix(value);
    return withFilters ? filtersAndTests(value) : value;
  }

  private Expression filtersAndTests(Expression target) {
    Expression value = target;
    while (true) {
      if (tokens.skipOperator("|")) {
        value = filter(value);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.atOperator("(")) {
        value = new Expression.Call(value, primaries.arguments());
      } else {
        return value;
      }
    }
  }

  /** The filters of a block over its text; the first has no bar before it. */
  Expression blockFilters() {
    return filtersAndTests(filter(Statement.BLOCK_TEXT));
  }

  /** Filters with a bar before each, if there are any. */
  Expression filters(Expression target) {
    return filtersAndTests(target);
  }

  private Expression filter(Expression target) {
    String name = dottedName();
    ArgumentList arguments = tokens.atOperator("(") ? primaries.arguments() : ArgumentList.NONE;
    return new Expression.Filter(target, name, arguments);
  }

  private Expression test(Expression target) {
    boolean negated = tokens.skipName("not");
    String name = dottedName();
    ArgumentList arguments = ArgumentList.NONE;
    if (tokens.atOperator("(")) {
      arguments = primaries.arguments();
    } else if (beginsTestArgument()) {
      Expression argument = primaries.postfix(primaries.primary());
      arguments = new ArgumentList(List.of(argument), List.of(), null, null);
    }
    Expression test = new Expression.Test(target, name, arguments);
    return negated ? new Expression.Not(test) : test;
  }

  private boolean beginsTestArgument() {
    if (tokens.at(TokenType.NAME)) {
      return !Set.of("else", "or", "and", "is", "if", "not", "in").contains(tokens.peek().text());
    }
    return TEST_ARGUMENT.contains(tokens.peek().type())
        || tokens.atOperator("[")
        || tokens.atOperator("{");
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(tokens.expect(TokenType.NAME).text());
    while (tokens.skipOperator(".")) {
      name.append('.').append(tokens.expect(TokenType.NAME).text());
    }
    return name.toString();
  }
}
