// The structs in capsules of the Arrow PyCapsule interface.
#pragma once

#include <nanobind/nanobind.h>

namespace headrace {

template <typename T>
T& from_capsule(nanobind::handle given, const char* name) {
    void* held = PyCapsule_GetPointer(given.ptr(), name);
    if (!held) throw nanobind::python_error();
    return *static_cast<T*>(held);
}

}  // namespace headrace
