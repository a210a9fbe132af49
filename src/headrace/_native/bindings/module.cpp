#include "bindings/bindings.hpp"

NB_MODULE(_kernels, m) {
    headrace::bind_enums(m);  // first: the functions below return these types
    headrace::bind_augment(m);
    headrace::bind_buckets(m);
    headrace::bind_example(m);
    headrace::bind_files(m);
    headrace::bind_framing(m);
    headrace::bind_images(m);
    headrace::bind_json(m);
    headrace::bind_lists(m);
    headrace::bind_rows(m);
    headrace::bind_sequence(m);
    headrace::bind_statistics(m);
    headrace::bind_tensor(m);
    headrace::bind_text(m);
    headrace::bind_words(m);
}
