typedef struct place {
    size_t offset;
    size_t size;
} place;

/* A different value in each byte of each field, so that nothing can stand in for another. */
static void pattern(uint64_t *values, size_t count)
{
    size_t i, k;
    for (i = 0; i < count; i++) {
        values[i] = 0;
        for (k = 0; k < 8; k++) {
            values[i] |= (uint64_t)((17 * (i + 1) + k + 1) & 0xFF) << (8 * k);
        }
    }
}

static uint64_t low(uint64_t value, size_t size)
{
    return size >= 8 ? value : value & (((uint64_t)1 << (8 * size)) - 1);
}

static int expect(const char *what, uint64_t found, uint64_t value, size_t size)
{
    if (low(found, size) == low(value, size)) {
        return 0;
    }
    printf("%s: found %llx, expected %llx\n", what, (unsigned long long)low(found, size),
           (unsigned long long)low(value, size));
    return 1;
}

/* Byte `k` of a value in memory, by the byte order of the target. */
static unsigned char byte_at(uint64_t value, size_t size, size_t k)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (unsigned char)(value >> (8 * (size - 1 - k)));
#else
    (void)size;
    return (unsigned char)(value >> (8 * k));
#endif
}

static void spread(unsigned char *bytes, const place *places, const uint64_t *values, size_t count)
{
    size_t i, k;
    for (i = 0; i < count; i++) {
        for (k = 0; k < places[i].size; k++) {
            bytes[places[i].offset + k] = byte_at(low(values[i], places[i].size), places[i].size, k);
        }
    }
}

static int gather(const char *what, const unsigned char *bytes, const place *places,
                  const uint64_t *values, size_t count)
{
    size_t i, k;
    for (i = 0; i < count; i++) {
        for (k = 0; k < places[i].size; k++) {
            if (bytes[places[i].offset + k] != byte_at(values[i], places[i].size, k)) {
                printf("%s: field %u differs in byte %u\n", what, (unsigned)i, (unsigned)k);
                return 1;
            }
        }
    }
    return 0;
}

