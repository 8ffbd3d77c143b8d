/* Everything that C can declare. No C library is needed, so any target will do. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Structs: declared only, in two ways, and with what a struct can have. */
struct forward;
typedef struct forward forward;
struct _object {
    union {
        struct {
            int refcnt;
            short overflow : 3;
            unsigned short flags : 13;
        };
        int64_t full;
    };
    struct only_mentioned *type;
};
typedef struct _object object;
typedef struct both {
    object base;
} both;
typedef both another_both;
struct bits {
    unsigned first : 3;
    unsigned : 2;
    signed second : 4;
    unsigned long long third : 40;
    _Bool flag : 1;
    char plain;
    int fourth : 5;
    int type : 2;
};
struct __attribute__((packed)) packed {
    char a;
    int b;
    short c : 3;
    long long d;
};
struct __attribute__((packed, aligned(2))) packed_to_two {
    char a;
    int b;
};
struct __attribute__((packed, aligned(2))) packed_to_two_with_bits {
    char a;
    int b;
    int c : 5;
};
struct aligned {
    char a;
    int b __attribute__((aligned(16)));
};
struct flexible {
    int count;
    struct {
        int x;
    } items[];
};
struct nested {
    struct inner {
        int x;
    } named;
    struct {
        int y;
        struct {
            int z;
        } deeper;
    } unnamed;
    struct {
        int q;
    } *pointed;
    enum { NESTED_A = 3 } choice;
};
struct empty {};
typedef struct {
    int x;
} *pointer_only;
union numbers {
    int a;
    double b;
    char c[12];
    const char *(*call)(int, ...);
};
struct wide {
    char c;
    long double x;
    double y;
    float _Complex z;
};

/* Enumerations. */
enum with_sign { SIGN_A = -1, SIGN_B = 5, match };
enum without_sign { PLAIN_A = 1, PLAIN_B = 1, PLAIN_C = 0xFFFFFFFF };
enum { LONELY_A = 7, LONELY_B };
typedef enum { TYPED_A } typed;
enum _tagged { TAGGED_A = 2 };
typedef enum _tagged tagged;

/* Typedefs, some of which are words of Rust. */
typedef unsigned u32;
typedef u32 u64;
typedef int (*callback)(const struct wide *, void (*)(void));
typedef int function_type(int);
typedef const char *const *names;

/* Variables. */
extern int counter;
extern const char *const message;
extern const int table[4];
extern callback hook;
static const int inside = 9;

/* Functions. */
int declare(const char *s, char writable[], const int numbers[3], size_t n, ...);
void nothing(void);
_Noreturn void ends(struct nested n, enum with_sign s, typed t, u64 u);
signed char kinds(unsigned char, short, unsigned short, long, unsigned long, long long,
                  unsigned long long, ptrdiff_t, _Bool, char, float, double, long double);
object *pointers(object **, const object *, const void *, function_type *, callback *, uintptr_t);
static inline int in_header(int x) { return x; }
inline int in_header_and_library(int x) { return x; }
static int only_declared(u32 x);
void __attribute__((visibility("hidden"))) hidden(void);
struct stat {
    int s;
};
int stat(struct stat *);

/* Macros. */
#define NUMBER 42
#define NEGATIVE (-5)
#define LARGEST 0xFFFFFFFFFFFFFFFFULL
#define CAST ((int)7)
#define SIZE sizeof(int)
#define TEXT "he\"llo"
#define CHARACTER 'c'
#define FRACTION 1.5
#define WITH_PARAMETERS(x) ((x) + 1)
#define OTHER_NAME nothing
#define EMPTY
#define UNDEFINED 4
#undef UNDEFINED
#define REDEFINED 1
#undef REDEFINED
#define REDEFINED 2
#define OF_ENUM SIGN_B
#define ADDRESS (&counter)
#define in_header(x) in_header(x)
