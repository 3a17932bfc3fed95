package dev.penstock.datasets.shard;

import dev.penstock.datasets.order.WindowPart;

/**
 * What is in memory of a window.
 *
 * @param part which of its sequences
 * @param records their records, one behind the other
 */
record LoadedWindow(WindowPart part, byte[] records) {}
