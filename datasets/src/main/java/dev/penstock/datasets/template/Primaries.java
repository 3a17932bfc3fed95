package dev.penstock.datasets.template;

import dev.penstock.datasets.template.Expression.ArgumentList;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Literals, names and brackets, and what is attached to them: attributes, items and calls. */
final class Primaries {
  private static final int MOST_DIGITS = 300;

  private final TokenStream tokens;
  private final ExpressionParser expressions;

  Primaries(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  Expression primary() {
    Token token = tokens.peek();
    return switch (token.type()) {
      case NAME -> name(tokens.next().text());
      case STRING -> string();
      case INTEGER -> new Expression.Literal(integer(tokens.next()));
      case FLOAT ->
          new Expression.Literal(Double.parseDouble(tokens.next().text().replace("_", "")));
      case OPERATOR -> bracket(token);
      default -> throw tokens.unexpected("a value");
    };
  }

  private static Expression name(String name) {
    return switch (name) {
      case "true", "True" -> new Expression.Literal(true);
      case "false", "False" -> new Expression.Literal(false);
      case "none", "None" -> new Expression.Literal(None.NONE);
      default -> new Expression.Name(name);
    };
  }

  private Expression string() {
    StringBuilder text = new StringBuilder();
    while (tokens.at(TokenType.STRING)) {
      text.append(tokens.next().text());
    }
    return new Expression.Literal(text.toString());
  }

  private static Object integer(Token token) {
    String digits = token.text().replace("_", "");
    int radix =
        digits.length() < 2
            ? 10
            : switch (Character.toLowerCase(digits.charAt(1))) {
              case 'x' -> 16;
              case 'o' -> 8;
              case 'b' -> 2;
              default -> 10;
            };
    if (digits.length() > MOST_DIGITS) {
      throw new TemplateException("the number '" + digits + "' is too long", token.line());
    }
    BigInteger value = new BigInteger(radix == 10 ? digits : digits.substring(2), radix);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private Expression bracket(Token token) {
    return switch (token.text()) {
      case "(" -> {
        tokens.next();
        Expression inside =
            tokens.atOperator(")")
                ? new Expression.Sequence(List.of(), true)
                : expressions.parseTuple();
        tokens.expectOperator(")");
        yield inside;
      }
      case "[" -> {
        tokens.next();
        List<Expression> items = new ArrayList<>();
        while (!tokens.atOperator("]")) {
          items.add(expressions.parse());
          if (!tokens.skipOperator(",")) {
            break;
          }
        }
        tokens.expectOperator("]");
        yield new Expression.Sequence(List.copyOf(items), false);
      }
      case "{" -> mapping();
      default -> throw tokens.unexpected("a value");
    };
  }

  private Expression mapping() {
    tokens.next();
    List<Expression.Entry> entries = new ArrayList<>();
    while (!tokens.atOperator("}")) {
      Expression key = expressions.parse();
      tokens.expectOperator(":");
      entries.add(new Expression.Entry(key, expressions.parse()));
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator("}");
    return new Expression.Mapping(List.copyOf(entries));
  }

  /** A value with all that is attached to it. */
  Expression postfix(Expression target) {
    Expression value = target;
    while (true) {
      if (tokens.skipOperator(".")) {
        Token name = tokens.next();
        if (name.type() == TokenType.NAME) {
          value = new Expression.Attribute(value, name.text());
        } else if (name.type() == TokenType.INTEGER) {
          value = new Expression.Item(value, new Expression.Literal(integer(name)));
        } else {
          throw new TemplateException("there is no name behind the dot", name.line());
        }
      } else if (tokens.atOperator("[")) {
        value = item(value);
      } else if (tokens.atOperator("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression item(Expression target) {
    tokens.next();
    Expression start = tokens.atOperator(":") ? null : expressions.parse();
    if (start != null && !tokens.atOperator(":")) {
      Expression key = start;
      if (tokens.skipOperator(",")) {
        List<Expression> keys = new ArrayList<>(List.of(start));
        do {
          keys.add(expressions.parse());
        } while (tokens.skipOperator(","));
        key = new Expression.Sequence(List.copyOf(keys), true);
      }
      tokens.expectOperator("]");
      return new Expression.Item(target, key);
    }
    tokens.expectOperator(":");
    Expression stop = bound();
    Expression step = tokens.skipOperator(":") ? bound() : null;
    tokens.expectOperator("]");
    return new Expression.Slice(target, start, stop, step);
  }

  private @Nullable Expression bound() {
    return tokens.atOperator(":") || tokens.atOperator("]") ? null : expressions.parse();
  }

  /** Arguments with the parentheses around. */
  ArgumentList arguments() {
    tokens.expectOperator("(");
    List<Expression> positional = new ArrayList<>();
    List<Expression.NamedArgument> named = new ArrayList<>();
    Expression list = null;
    Expression map = null;
    while (!tokens.atOperator(")")) {
      if (tokens.skipOperator("*")) {
        list = expressions.parse();
      } else if (tokens.skipOperator("**")) {
        map = expressions.parse();
      } else if (tokens.at(TokenType.NAME) && tokens.peekSecond().is(TokenType.OPERATOR, "=")) {
        String name = tokens.next().text();
        tokens.next();
        named.add(new Expression.NamedArgument(name, expressions.parse()));
      } else if (named.isEmpty() && list == null && map == null) {
        positional.add(expressions.parse());
      } else {
        throw tokens.unexpected("a named argument, as one came before");
      }
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator(")");
    return new ArgumentList(List.copyOf(positional), List.copyOf(named), list, map);
  }
}
