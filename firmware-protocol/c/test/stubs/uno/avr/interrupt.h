#ifndef AVR_INTERRUPT_STUB_H
#define AVR_INTERRUPT_STUB_H

#define ISR(vector) extern "C" void vector(void); void vector(void)

#endif
