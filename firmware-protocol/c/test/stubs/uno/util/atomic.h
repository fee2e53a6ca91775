/* A block that runs once, as the real one does with interrupts off. */
#ifndef UTIL_ATOMIC_STUB_H
#define UTIL_ATOMIC_STUB_H

#define ATOMIC_RESTORESTATE 0
#define ATOMIC_BLOCK(type) for (bool once = (type) == 0; once; once = false)

#endif
