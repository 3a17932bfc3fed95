package dev.penstock.datasets.template;

import dev.penstock.datasets.template.Expression.ArgumentList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of expressions. */
final class Evaluator {
  private final Budget budget;
  private final Iteration iteration;
  private final PythonText pythonText;
  private final Arithmetic arithmetic;
  private final Comparisons comparisons;
  private final Access access;
  private final Filters filters;
  private final Tests tests;

  Evaluator(Budget budget) {
    this.budget = budget;
    this.iteration = new Iteration(budget);
    this.pythonText = new PythonText(budget);
    this.arithmetic = new Arithmetic(budget, pythonText);
    this.comparisons = new Comparisons(budget);
    this.access = new Access(budget, pythonText);
    this.tests = new Tests(comparisons);
    this.filters = new Filters(budget, this, tests);
  }

  PythonText pythonText() {
    return pythonText;
  }

  Comparisons comparisons() {
    return comparisons;
  }

  Access access() {
    return access;
  }

  Arithmetic arithmetic() {
    return arithmetic;
  }

  /** What a loop over a value goes through. */
  List<Object> items(Object value) {
    return iteration.items(value);
  }

  String text(Expression expression, Scope scope) {
    return text(evaluate(expression, scope));
  }

  String text(Object value) {
    return pythonText.of(value);
  }

  Object evaluate(Expression expression, Scope scope) {
    budget.enter();
    Object value = valueOf(expression, scope);
    budget.leave();
    return value;
  }

  private Object valueOf(Expression expression, Scope scope) {
    if (expression instanceof Expression.Literal literal) {
      return literal.value();
    }
    if (expression instanceof Expression.Name name) {
      return scope.get(name.name());
    }
    if (expression instanceof Expression.Attribute attribute) {
      return access.attribute(evaluate(attribute.target(), scope), attribute.name());
    }
    if (expression instanceof Expression.Item item) {
      return access.item(evaluate(item.target(), scope), evaluate(item.key(), scope));
    }
    if (expression instanceof Expression.Call call) {
      return call(call, scope, null);
    }
    if (expression instanceof Expression.Filter filter) {
      return filters.apply(
          filter.name(),
          evaluate(filter.target(), scope),
          arguments(filter.arguments(), scope, null));
    }
    if (expression instanceof Expression.Test test) {
      return tests.test(
          test.name(), evaluate(test.target(), scope), arguments(test.arguments(), scope, null));
    }
    return operation(expression, scope);
  }

  private Object operation(Expression expression, Scope scope) {
    if (expression instanceof Expression.And and) {
      Object left = evaluate(and.left(), scope);
      return Truth.of(left) ? evaluate(and.right(), scope) : left;
    }
    if (expression instanceof Expression.Or or) {
      Object left = evaluate(or.left(), scope);
      return Truth.of(left) ? left : evaluate(or.right(), scope);
    }
    if (expression instanceof Expression.Not not) {
      return !Truth.of(evaluate(not.operand(), scope));
    }
    if (expression instanceof Expression.Comparison comparison) {
      return compare(comparison, scope);
    }
    if (expression instanceof Expression.Binary binary) {
      return arithmetic.apply(
          binary.operator(), evaluate(binary.left(), scope), evaluate(binary.right(), scope));
    }
    if (expression instanceof Expression.Signed signed) {
      return arithmetic.sign(signed.minus(), evaluate(signed.operand(), scope));
    }
    if (expression instanceof Expression.Choice choice) {
      return choose(choice, scope);
    }
    if (expression instanceof Expression.Concatenation concatenation) {
      return concatenate(concatenation, scope);
    }
    return collection(expression, scope);
  }

  private Object collection(Expression expression, Scope scope) {
    if (expression instanceof Expression.Sequence sequence) {
      List<Object> items = new ArrayList<>();
      for (Expression item : sequence.items()) {
        items.add(evaluate(item, scope));
      }
      return sequence.tuple() ? new Tuple(items) : items;
    }
    if (expression instanceof Expression.Mapping mapping) {
      Map<Object, Object> map = new LinkedHashMap<>();
      for (Expression.Entry entry : mapping.entries()) {
        map.put(Keys.check(evaluate(entry.key(), scope)), evaluate(entry.value(), scope));
      }
      return map;
    }
    Expression.Slice slice = (Expression.Slice) expression;
    return access.slice(
        evaluate(slice.target(), scope),
        bound(slice.start(), scope),
        bound(slice.stop(), scope),
        bound(slice.step(), scope));
  }

  private Object bound(@Nullable Expression expression, Scope scope) {
    return expression == null ? None.NONE : evaluate(expression, scope);
  }

  private Object choose(Expression.Choice choice, Scope scope) {
    if (Truth.of(evaluate(choice.condition(), scope))) {
      return evaluate(choice.then(), scope);
    }
    return choice.otherwise() == null
        ? new Undefined("the value of an if without else")
        : evaluate(choice.otherwise(), scope);
  }

  private String concatenate(Expression.Concatenation concatenation, Scope scope) {
    StringBuilder all = new StringBuilder();
    for (Expression part : concatenation.parts()) {
      String text = text(part, scope);
      budget.spend(text.length());
      all.append(text);
    }
    return all.toString();
  }

  private boolean compare(Expression.Comparison comparison, Scope scope) {
    Object left = evaluate(comparison.first(), scope);
    for (Expression.Compared compared : comparison.others()) {
      Object right = evaluate(compared.operand(), scope);
      if (!comparisons.holds(compared.operator(), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  /**
   * Calls.
   *
   * @param caller the block of a call block; null: it is none
   */
  Object call(Expression.Call call, Scope scope, @Nullable Callable caller) {
    Object callee = evaluate(call.callee(), scope);
    if (!(callee instanceof Callable callable)) {
      throw Types.notA("function", callee);
    }
    return callable.call(arguments(call.arguments(), scope, caller));
  }

  private Arguments arguments(ArgumentList list, Scope scope, @Nullable Callable caller) {
    List<Object> positional = new ArrayList<>();
    for (Expression argument : list.positional()) {
      positional.add(evaluate(argument, scope));
    }
    Map<String, Object> named = new LinkedHashMap<>();
    for (Expression.NamedArgument argument : list.named()) {
      named.put(argument.name(), evaluate(argument.value(), scope));
    }
    if (list.list() != null) {
      positional.addAll(items(evaluate(list.list(), scope)));
    }
    if (list.map() != null) {
      if (!(evaluate(list.map(), scope) instanceof Map<?, ?> map)) {
        throw new TemplateException("what follows ** must be a dict");
      }
      budget.spend(map.size());
      map.forEach((key, value) -> named.put(key.toString(), value));
    }
    if (caller != null) {
      named.put("caller", caller);
    }
    return new Arguments(positional, named);
  }
}
