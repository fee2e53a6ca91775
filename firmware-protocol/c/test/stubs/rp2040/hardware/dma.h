/* Just enough of the Pico SDK to check the syntax of a program. Declarations only: nothing links. */
#ifndef HARDWARE_DMA_STUB_H
#define HARDWARE_DMA_STUB_H

#include <stdint.h>

#define DREQ_ADC 36

enum dma_channel_transfer_size { DMA_SIZE_8 = 0, DMA_SIZE_16 = 1, DMA_SIZE_32 = 2 };
typedef struct {
  uint32_t ctrl;
} dma_channel_config;
typedef struct {
  volatile uint32_t read_addr;
  volatile uint32_t write_addr;
  volatile uint32_t transfer_count;
  volatile uint32_t ctrl_trig;
} dma_channel_hw_t;

int dma_claim_unused_channel(bool required);
dma_channel_config dma_channel_get_default_config(unsigned channel);
void channel_config_set_transfer_data_size(dma_channel_config *config, enum dma_channel_transfer_size size);
void channel_config_set_read_increment(dma_channel_config *config, bool incr);
void channel_config_set_write_increment(dma_channel_config *config, bool incr);
void channel_config_set_ring(dma_channel_config *config, bool write, unsigned size_bits);
void channel_config_set_dreq(dma_channel_config *config, unsigned dreq);
void dma_channel_configure(unsigned channel, const dma_channel_config *config, volatile void *write_addr,
                           const volatile void *read_addr, unsigned transfer_count, bool trigger);
dma_channel_hw_t *dma_channel_hw_addr(unsigned channel);
bool dma_channel_is_busy(unsigned channel);

#endif
