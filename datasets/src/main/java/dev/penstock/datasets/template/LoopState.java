package dev.penstock.datasets.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop}. */
final class LoopState implements Attributed, Callable {
  private final List<Object> items;
  private final int depth;
  private final @Nullable Callable again;
  private @Nullable Object changing;
  private int index;

  /**
   * @param depth loops of the same statement around it
   * @param again renders the loop with other items; null: it is not recursive
   */
  LoopState(List<Object> items, int depth, @Nullable Callable again) {
    this.items = items;
    this.depth = depth;
    this.again = again;
  }

  void moveTo(int newIndex) {
    index = newIndex;
  }

  @Override
  public Object call(Arguments arguments) {
    if (again == null) {
      throw new TemplateException("the loop is not recursive, so it cannot be called");
    }
    return again.call(arguments);
  }

  @Override
  public @Nullable Object attribute(String name) {
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) items.size() - index;
      case "revindex0" -> items.size() - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == items.size() - 1;
      case "length" -> (long) items.size();
      case "depth" -> depth + 1L;
      case "depth0" -> (long) depth;
      case "previtem" -> itemOr(index - 1, "there is no previous item");
      case "nextitem" -> itemOr(index + 1, "there is no next item");
      case "cycle" -> (Callable) this::cycle;
      case "changed" -> (Callable) this::changed;
      default -> null;
    };
  }

  private Object itemOr(int at, String hint) {
    return at >= 0 && at < items.size() ? items.get(at) : new Undefined(hint);
  }

  private Object cycle(Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      throw new TemplateException("loop.cycle needs an argument");
    }
    return arguments.positional().get(index % arguments.positional().size());
  }

  private Object changed(Arguments arguments) {
    Tuple now = new Tuple(arguments.positional());
    boolean same = changing != null && new Comparisons(new Budget()).equal(changing, now);
    changing = now;
    return !same;
  }
}
