#include "bindings.hpp"

NB_MODULE(_kernels, m) {
    headrace::bind_text(m);
}
