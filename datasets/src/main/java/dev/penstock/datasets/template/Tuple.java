package dev.penstock.datasets.template;

import java.util.List;

/**
 * Python's tuple.
 *
 * @param items never changed
 */
record Tuple(List<Object> items) {}
