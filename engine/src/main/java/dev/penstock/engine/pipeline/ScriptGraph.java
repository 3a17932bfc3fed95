package dev.penstock.engine.pipeline;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Block;
import org.bytedeco.pytorch.BlockArrayRef;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.JitNode;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.graph_node_list;
import org.bytedeco.pytorch.graph_node_list_iterator;

/** What can be told of a script by its operators. */
final class ScriptGraph {
  private ScriptGraph() {}

  /** Whether any operator that forward may reach draws random numbers, as dropout does. */
  static boolean drawsRandomNumbers(JitModule module) {
    try (PointerScope scope = new PointerScope()) {
      // The optimized graph has all that forward calls in one.
      return draws(
          torch.toGraphFunction(module.get_method("forward").function()).optimized_graph().block());
    }
  }

  private static boolean draws(Block block) {
    graph_node_list nodes = block.nodes();
    long end = nodes.end().access().address();
    for (graph_node_list_iterator at = nodes.begin();
        at.access().address() != end;
        at.increment()) {
      JitNode node = at.access();
      if (node.isNondeterministic()) {
        return true;
      }
      BlockArrayRef inner = node.blocks();
      for (long i = 0; i < inner.size(); i++) {
        if (draws(inner.get(i))) {
          return true;
        }
      }
    }
    return false;
  }
}
