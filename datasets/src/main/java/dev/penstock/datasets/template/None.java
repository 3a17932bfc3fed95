package dev.penstock.datasets.template;

/** Python's None: in this room null means that there is no value at all. */
enum None {
  NONE
}
