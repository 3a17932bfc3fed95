package dev.penstock.datasets.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The arguments of one call of a macro, for its parameters. */
record MacroArguments(String name, Statement.Signature signature, Arguments arguments) {
  private static final String CALLER = "caller";

  /** Sets the parameters in the scope of the call, in which their defaults are evaluated. */
  void bind(Scope scope, Evaluator evaluator) {
    List<Statement.Parameter> parameters = signature.parameters();
    List<Object> positional = arguments.positional();
    Map<String, Object> named = new LinkedHashMap<>(arguments.named());
    for (int i = 0; i < parameters.size(); i++) {
      Statement.Parameter parameter = parameters.get(i);
      Object byName = named.remove(parameter.name());
      if (byName != null && i < positional.size()) {
        throw new TemplateException(name + " is given " + parameter.name() + " twice");
      }
      Object value = i < positional.size() ? positional.get(i) : byName;
      if (value == null) {
        value =
            parameter.otherwise() == null
                ? new Undefined("parameter '" + parameter.name() + "' was not provided, so it")
                : evaluator.evaluate(parameter.otherwise(), scope);
      }
      scope.set(parameter.name(), value);
    }
    bindOthers(scope, positional, named);
  }

  private void bindOthers(Scope scope, List<Object> positional, Map<String, Object> named) {
    Object caller = named.remove(CALLER);
    if (caller != null && !signature.usesCaller()) {
      throw new TemplateException(name + " takes no caller");
    }
    if (signature.usesCaller()) {
      scope.set(CALLER, caller == null ? new Undefined("no caller was given, so it") : caller);
    }
    int taken = Math.min(positional.size(), signature.parameters().size());
    if (signature.usesVarargs()) {
      scope.set("varargs", new Tuple(List.copyOf(positional.subList(taken, positional.size()))));
    } else if (taken < positional.size()) {
      throw new TemplateException(
          name + " takes " + taken + " arguments, but is given " + positional.size());
    }
    if (signature.usesKwargs()) {
      scope.set("kwargs", named);
    } else if (!named.isEmpty()) {
      throw new TemplateException(name + " has no parameter " + named.keySet().iterator().next());
    }
  }
}
