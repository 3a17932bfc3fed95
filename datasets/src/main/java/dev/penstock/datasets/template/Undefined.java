package dev.penstock.datasets.template;

/**
 * What a name or key stands for that there is not: printed it is empty, iterated over it has no
 * items, and anything else done with it is an error.
 *
 * @param hint what is undefined, for messages
 */
record Undefined(String hint) {
  TemplateException error() {
    return new TemplateException(hint + " is undefined");
  }
}
