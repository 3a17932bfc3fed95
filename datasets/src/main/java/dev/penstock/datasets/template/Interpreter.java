package dev.penstock.datasets.template;

import dev.penstock.datasets.template.Statement.Located;
import dev.penstock.datasets.template.Statement.Target;
import java.util.ArrayList;
import java.util.List;

/** Runs the statements of a template, once. */
final class Interpreter {
  /** What comes after a statement. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final Budget budget = new Budget();
  private final Evaluator evaluator = new Evaluator(budget);
  private final Output output = new Output(budget);
  private final List<Rendering.Span> generated = new ArrayList<>();
  private int line = 1;

  /** Renders. */
  Rendering run(List<Located> template, Scope globals) {
    execute(template, new Scope(globals));
    return new Rendering(output.text(), List.copyOf(generated), budget.work());
  }

  /** The line that is running. */
  int line() {
    return line;
  }

  private Flow execute(List<Located> body, Scope scope) {
    for (Located located : body) {
      line = located.line();
      budget.enter();
      Flow flow = execute(located.statement(), scope);
      budget.leave();
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private Flow execute(Statement statement, Scope scope) {
    if (statement instanceof Statement.Text text) {
      output.append(text.text());
    } else if (statement instanceof Statement.Print print) {
      output.append(evaluator.text(print.value(), scope));
    } else if (statement instanceof Statement.If branches) {
      return choose(branches, scope);
    } else if (statement instanceof Statement.For loop) {
      loop(loop, scope, evaluator.evaluate(loop.items(), scope), 0);
    } else if (statement instanceof Statement.Set set) {
      assign(set.target(), evaluator.evaluate(set.value(), scope), scope);
    } else if (statement instanceof Statement.SetBlock set) {
      assign(set.target(), filtered(set.filtered(), set.body(), scope), scope);
    } else if (statement instanceof Statement.FilterBlock block) {
      output.append(evaluator.text(filtered(block.filtered(), block.body(), scope)));
    } else if (statement instanceof Statement.With with) {
      with(with, scope);
    } else if (statement instanceof Statement.Macro macro) {
      scope.set(macro.name(), new Macro(macro.name(), macro.signature(), scope));
    } else if (statement instanceof Statement.CallBlock block) {
      callBlock(block, scope);
    } else if (statement instanceof Statement.Generation generation) {
      generation(generation, scope);
    } else {
      return statement instanceof Statement.Break ? Flow.BREAK : Flow.CONTINUE;
    }
    return Flow.NEXT;
  }

  private Flow choose(Statement.If branches, Scope scope) {
    for (Statement.Branch branch : branches.branches()) {
      if (Truth.of(evaluator.evaluate(branch.condition(), scope))) {
        return execute(branch.body(), scope);
      }
    }
    return execute(branches.otherwise(), scope);
  }

  private void loop(Statement.For loop, Scope scope, Object over, int depth) {
    List<Object> items = evaluator.items(over);
    if (loop.condition() != null) {
      List<Object> kept = new ArrayList<>();
      for (Object item : items) {
        Scope inner = new Scope(scope);
        assign(loop.target(), item, inner);
        if (Truth.of(evaluator.evaluate(loop.condition(), inner))) {
          kept.add(item);
        }
      }
      items = kept;
    }
    if (items.isEmpty()) {
      execute(loop.otherwise(), new Scope(scope));
      return;
    }
    Callable again =
        loop.recursive() ? arguments -> recursion(loop, scope, arguments, depth + 1) : null;
    LoopState state = new LoopState(items, depth, again);
    for (int i = 0; i < items.size(); i++) {
      budget.step();
      state.moveTo(i);
      Scope inner = new Scope(scope);
      inner.set("loop", state);
      assign(loop.target(), items.get(i), inner);
      if (execute(loop.body(), inner) == Flow.BREAK) {
        break;
      }
    }
  }

  private Object recursion(Statement.For loop, Scope scope, Arguments arguments, int depth) {
    Object items = arguments.bind("loop", 1, "iterable").value(0);
    budget.enter();
    String text = output.capture(() -> loop(loop, scope, items, depth));
    budget.leave();
    return text;
  }

  private void with(Statement.With with, Scope scope) {
    Scope inner = new Scope(scope);
    for (int i = 0; i < with.targets().size(); i++) {
      assign(with.targets().get(i), evaluator.evaluate(with.values().get(i), scope), inner);
    }
    execute(with.body(), inner);
  }

  private Object filtered(Expression filtered, List<Located> body, Scope scope) {
    Scope inner = new Scope(scope);
    inner.set(Statement.BLOCK_TEXT.name(), output.capture(() -> execute(body, inner)));
    return evaluator.evaluate(filtered, inner);
  }

  private void callBlock(Statement.CallBlock block, Scope scope) {
    Macro caller = new Macro("caller", block.caller(), scope);
    output.append(evaluator.text(evaluator.call(block.call(), scope, caller)));
  }

  private void generation(Statement.Generation generation, Scope scope) {
    String text = output.capture(() -> execute(generation.body(), new Scope(scope)));
    generated.add(new Rendering.Span(output.length(), output.length() + text.length()));
    output.append(text);
  }

  private void assign(Target target, Object value, Scope scope) {
    if (target instanceof Target.Variable variable) {
      scope.set(variable.name(), value);
    } else if (target instanceof Target.NamespaceAttribute attribute) {
      if (!(scope.get(attribute.namespace()) instanceof Namespace namespace)) {
        throw new TemplateException(
            "'" + attribute.namespace() + "' is no namespace, so nothing can be set in it");
      }
      namespace.set(attribute.attribute(), value);
    } else if (target instanceof Target.Unpacked unpacked) {
      List<Object> items = evaluator.items(value);
      if (items.size() != unpacked.targets().size()) {
        throw new TemplateException(
            items.size() + " items cannot be unpacked to " + unpacked.targets().size() + " names");
      }
      for (int i = 0; i < items.size(); i++) {
        assign(unpacked.targets().get(i), items.get(i), scope);
      }
    }
  }

  /** A macro, or the block of a call as its caller. */
  private final class Macro implements Callable {
    private final String name;
    private final Statement.Signature signature;
    private final Scope definedIn;

    Macro(String name, Statement.Signature signature, Scope definedIn) {
      this.name = name;
      this.signature = signature;
      this.definedIn = definedIn;
    }

    @Override
    public Object call(Arguments arguments) {
      budget.enter();
      Scope scope = new Scope(definedIn);
      new MacroArguments(name, signature, arguments).bind(scope, evaluator);
      String text = output.capture(() -> execute(signature.body(), scope));
      budget.leave();
      return text;
    }
  }
}
