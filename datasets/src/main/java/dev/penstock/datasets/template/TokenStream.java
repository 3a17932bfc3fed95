package dev.penstock.datasets.template;

import java.util.List;
import java.util.Locale;

/** Tokens one after the other. */
final class TokenStream {
  private final List<Token> tokens;
  private int position;
  private int depth;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(position);
  }

  Token peekSecond() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = peek();
    if (token.type() != TokenType.END) {
      position++;
    }
    return token;
  }

  boolean at(TokenType type) {
    return peek().type() == type;
  }

  boolean atOperator(String operator) {
    return peek().is(TokenType.OPERATOR, operator);
  }

  boolean atName(String name) {
    return peek().is(TokenType.NAME, name);
  }

  boolean skipOperator(String operator) {
    boolean found = atOperator(operator);
    if (found) {
      next();
    }
    return found;
  }

  boolean skipName(String name) {
    boolean found = atName(name);
    if (found) {
      next();
    }
    return found;
  }

  Token expect(TokenType type) {
    if (!at(type)) {
      throw unexpected(type.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }
    return next();
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw unexpected("'" + name + "'");
    }
  }

  /** The position in the tokens, to be asked {@link #namesSince}. */
  int mark() {
    return position;
  }

  /** Whether a name occurs in what was read since a mark. */
  boolean namesSince(int mark, String name) {
    return tokens.subList(mark, position).stream()
        .anyMatch(token -> token.is(TokenType.NAME, name));
  }

  /** One bracket or block deeper; {@link #leave} follows. */
  void enter() {
    if (++depth > Budget.DEEPEST_SOURCE) {
      throw Budget.tooDeep(Budget.DEEPEST_SOURCE);
    }
  }

  void leave() {
    depth--;
  }

  TemplateException unexpected(String expected) {
    return new TemplateException(
        "there is '" + peek().text() + "' where it needs " + expected, peek().line());
  }
}
