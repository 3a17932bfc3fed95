package dev.penstock.engine.split;

import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;

/** The modules of a model as dotted names: {@code model}, {@code model.layers.0}, .. */
final class ModuleTree {
  private final NavigableSet<String> names;

  /**
   * @param names full names of modules or parameters; the modules above a name are implied
   */
  public ModuleTree(Collection<String> names) {
    this.names = new TreeSet<>(names);
  }

  /** Whether there is a module of this name, itself listed or above one that is. */
  public boolean has(String name) {
    if (names.contains(name)) {
      return true;
    }
    String below = names.ceiling(name + ".");
    return below != null && below.startsWith(name + ".");
  }

  /** How many decoder layers there are: the children of {@code layers} are numbered from 0. */
  public int numLayers(ModuleNaming naming) {
    int layers = 0;
    while (has(naming.layer(layers))) {
      layers++;
    }
    return layers;
  }
}
