// One function per family of kernels. Each adds its names to the module.
#pragma once

#include <nanobind/nanobind.h>

namespace headrace {

void bind_augment(nanobind::module_& m);
void bind_buckets(nanobind::module_& m);
void bind_enums(nanobind::module_& m);
void bind_example(nanobind::module_& m);
void bind_files(nanobind::module_& m);
void bind_framing(nanobind::module_& m);
void bind_images(nanobind::module_& m);
void bind_json(nanobind::module_& m);
void bind_lists(nanobind::module_& m);
void bind_rows(nanobind::module_& m);
void bind_sequence(nanobind::module_& m);
void bind_statistics(nanobind::module_& m);
void bind_tensor(nanobind::module_& m);
void bind_text(nanobind::module_& m);
void bind_words(nanobind::module_& m);

}  // namespace headrace
