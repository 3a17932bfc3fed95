package dev.penstock.datasets.template;

import dev.penstock.datasets.template.Statement.Located;
import dev.penstock.datasets.template.Statement.Parameter;
import dev.penstock.datasets.template.Statement.Signature;
import dev.penstock.datasets.template.Statement.Target;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tokens to statements. */
final class Parser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private int loops;

  private Parser(List<Token> tokens) {
    this.tokens = new TokenStream(tokens);
    this.expressions = new ExpressionParser(this.tokens);
  }

  /** The statements of a template. */
  static List<Located> parse(String template) {
    Parser parser = new Parser(Lexer.split(template));
    List<Located> body = parser.statements();
    if (!parser.tokens.at(TokenType.END)) {
      throw parser.tokens.unexpected("a statement");
    }
    return body;
  }

  /** Up to a tag that begins no statement, with its beginning read, or the end. */
  private List<Located> statements() {
    tokens.enter();
    List<Located> body = new ArrayList<>();
    while (true) {
      Token token = tokens.peek();
      if (token.type() == TokenType.END) {
        break;
      }
      tokens.next();
      if (token.type() == TokenType.TEXT) {
        body.add(new Located(token.line(), new Statement.Text(token.text())));
      } else if (token.type() == TokenType.PRINT_BEGIN) {
        body.add(new Located(token.line(), new Statement.Print(expressions.parseTuple())));
        tokens.expect(TokenType.PRINT_END);
      } else {
        Statement statement = statement();
        if (statement == null) {
          break;
        }
        body.add(new Located(token.line(), statement));
      }
    }
    tokens.leave();
    return List.copyOf(body);
  }

  /** A statement behind the beginning of its tag; null: the tag belongs to the block around. */
  private @Nullable Statement statement() {
    if (!tokens.at(TokenType.NAME)) {
      throw tokens.unexpected("the name of a statement");
    }
    String name = tokens.peek().text();
    if (name.startsWith("end") || name.equals("else") || name.equals("elif")) {
      return null;
    }
    tokens.next();
    return switch (name) {
      case "for" -> forLoop();
      case "if" -> ifBranches();
      case "set" -> set();
      case "macro" -> macro();
      case "call" -> callBlock();
      case "filter" -> new Statement.FilterBlock(expressions.blockFilters(), block("endfilter"));
      case "with" -> with();
      case "generation" -> new Statement.Generation(block("endgeneration"));
      case "print" -> inTag(new Statement.Print(expressions.parseTuple()));
      case "break" -> inLoop(new Statement.Break(), name);
      case "continue" -> inLoop(new Statement.Continue(), name);
      default ->
          throw new TemplateException(
              "there is no statement '" + name + "' in a chat template", tokens.peek().line());
    };
  }

  private Statement inTag(Statement statement) {
    tokens.expect(TokenType.BLOCK_END);
    return statement;
  }

  private Statement inLoop(Statement statement, String name) {
    if (loops == 0) {
      throw new TemplateException("'" + name + "' is in no loop", tokens.peek().line());
    }
    return inTag(statement);
  }

  /** From the end of the tag that opens a block to that of the one that closes it. */
  private List<Located> block(String end) {
    tokens.expect(TokenType.BLOCK_END);
    List<Located> body = statements();
    close(end);
    return body;
  }

  private void close(String end) {
    tokens.expectName(end);
    if (end.equals("endmacro") && tokens.at(TokenType.NAME)) {
      tokens.next();
    }
    tokens.expect(TokenType.BLOCK_END);
  }

  private Statement forLoop() {
    Target target = targets();
    tokens.expectName("in");
    Expression items = expressions.parseLoopItems();
    Expression condition = tokens.skipName("if") ? expressions.parse() : null;
    boolean recursive = tokens.skipName("recursive");
    tokens.expect(TokenType.BLOCK_END);
    loops++;
    List<Located> body = statements();
    loops--;
    List<Located> otherwise = List.of();
    if (tokens.skipName("else")) {
      otherwise = block("endfor");
    } else {
      close("endfor");
    }
    return new Statement.For(target, items, condition, recursive, body, otherwise);
  }

  private Statement ifBranches() {
    List<Statement.Branch> branches = new ArrayList<>();
    List<Located> otherwise = List.of();
    do {
      Expression condition = expressions.parseTuple();
      tokens.expect(TokenType.BLOCK_END);
      branches.add(new Statement.Branch(condition, statements()));
    } while (tokens.skipName("elif"));
    if (tokens.skipName("else")) {
      otherwise = block("endif");
    } else {
      close("endif");
    }
    return new Statement.If(List.copyOf(branches), otherwise);
  }

  private Statement set() {
    Target target = targets();
    if (tokens.skipOperator("=")) {
      return inTag(new Statement.Set(target, expressions.parseTuple()));
    }
    Expression filtered = expressions.filters(Statement.BLOCK_TEXT);
    return new Statement.SetBlock(target, filtered, outsideLoops("endset"));
  }

  private Statement with() {
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.at(TokenType.BLOCK_END)) {
      targets.add(target());
      tokens.expectOperator("=");
      values.add(expressions.parse());
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    return new Statement.With(List.copyOf(targets), List.copyOf(values), block("endwith"));
  }

  private Statement macro() {
    String name = tokens.expect(TokenType.NAME).text();
    tokens.expectOperator("(");
    return new Statement.Macro(name, signature(parameters(), "endmacro"));
  }

  private Statement callBlock() {
    List<Parameter> parameters = tokens.skipOperator("(") ? parameters() : List.of();
    int line = tokens.peek().line();
    if (!(expressions.parse() instanceof Expression.Call call)) {
      throw new TemplateException("a call block needs a call", line);
    }
    return new Statement.CallBlock(call, signature(parameters, "endcall"));
  }

  private Signature signature(List<Parameter> parameters, String end) {
    int mark = tokens.mark();
    List<Located> body = outsideLoops(end);
    return new Signature(
        parameters,
        body,
        tokens.namesSince(mark, "varargs"),
        tokens.namesSince(mark, "kwargs"),
        tokens.namesSince(mark, "caller"));
  }

  private List<Located> outsideLoops(String end) {
    int around = loops;
    loops = 0;
    List<Located> body = block(end);
    loops = around;
    return body;
  }

  /** Behind the opening parenthesis. */
  private List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    while (!tokens.atOperator(")")) {
      String name = tokens.expect(TokenType.NAME).text();
      parameters.add(new Parameter(name, tokens.skipOperator("=") ? expressions.parse() : null));
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator(")");
    return List.copyOf(parameters);
  }

  private Target targets() {
    Target first = target();
    if (!tokens.atOperator(",")) {
      return first;
    }
    List<Target> all = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",") && !tokens.atName("in") && !tokens.atOperator("=")) {
      all.add(target());
    }
    return new Target.Unpacked(List.copyOf(all));
  }

  private Target target() {
    if (tokens.skipOperator("(")) {
      tokens.enter();
      Target inside = targets();
      tokens.leave();
      tokens.expectOperator(")");
      return inside;
    }
    String name = tokens.expect(TokenType.NAME).text();
    return tokens.skipOperator(".")
        ? new Target.NamespaceAttribute(name, tokens.expect(TokenType.NAME).text())
        : new Target.Variable(name);
  }
}
