/** Who does what when: actions, generators, lowering, validation, simulation. Pure Java. */
package dev.penstock.engine.schedule;
