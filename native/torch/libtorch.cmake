# The target `libtorch`: LIBTORCH (environment) names its folder, else it is the system's. Its own TorchConfig.cmake is not asked:
# that of a CUDA build wants the whole CUDA toolkit with its compiler, and nothing here is compiled for a GPU.
if(DEFINED ENV{LIBTORCH})
  set(libtorch_search PATHS "$ENV{LIBTORCH}" NO_DEFAULT_PATH)
  if(EXISTS "$ENV{LIBTORCH}/include/stdio.h" AND NOT "$ENV{LIBTORCH}" STREQUAL "/usr")
    message(FATAL_ERROR "error: LIBTORCH=$ENV{LIBTORCH} is the /usr of another system, with a C library of its own; expected the folder of a libtorch alone. Start on that system, without LIBTORCH")
  endif()
endif()
find_path(LIBTORCH_INCLUDE torch/csrc/api/include/torch/version.h ${libtorch_search} PATH_SUFFIXES include)
foreach(part c10 torch_cpu torch c10_cuda torch_cuda)
  find_library(LIBTORCH_${part} ${part} ${libtorch_search} PATH_SUFFIXES lib lib/${CMAKE_LIBRARY_ARCHITECTURE})
endforeach()
if(NOT LIBTORCH_INCLUDE OR NOT LIBTORCH_c10 OR NOT LIBTORCH_torch_cpu OR NOT LIBTORCH_torch)
  message(FATAL_ERROR "error: no libtorch with headers was found (libtorch-dev of Debian, or the folder that LIBTORCH names)")
endif()
get_filename_component(libtorch_folder "${LIBTORCH_torch_cpu}" DIRECTORY)
message(STATUS "libtorch: ${LIBTORCH_torch_cpu}")

add_library(libtorch INTERFACE)
target_include_directories(libtorch SYSTEM INTERFACE "${LIBTORCH_INCLUDE}" "${LIBTORCH_INCLUDE}/torch/csrc/api/include")
# Kernels register themselves when their library is loaded, so it must be, though nothing here names a symbol of it.
target_link_libraries(libtorch INTERFACE -Wl,--no-as-needed "${LIBTORCH_torch_cpu}" "${LIBTORCH_torch}" "${LIBTORCH_c10}")

# Builds for Linux came with either of two layouts of std::string until 2.6; this file says which.
file(GLOB libtorch_config "${libtorch_folder}/cmake/Torch/TorchConfig.cmake" "${libtorch_folder}/../share/cmake/Torch/TorchConfig.cmake")
if(libtorch_config)
  file(STRINGS "${libtorch_config}" libtorch_abi REGEX "_GLIBCXX_USE_CXX11_ABI=[01]")
  if(libtorch_abi MATCHES "_GLIBCXX_USE_CXX11_ABI=([01])")
    target_compile_definitions(libtorch INTERFACE _GLIBCXX_USE_CXX11_ABI=${CMAKE_MATCH_1})
  endif()
endif()

if(LIBTORCH_torch_cuda AND LIBTORCH_c10_cuda)
  target_link_libraries(libtorch INTERFACE "${LIBTORCH_torch_cuda}" "${LIBTORCH_c10_cuda}")
  # The allocator's header includes the runtime's; without it all works but the figures of GPU memory.
  find_path(CUDA_RUNTIME_INCLUDE cuda_runtime_api.h PATHS "$ENV{CUDA_HOME}" /usr/local/cuda PATH_SUFFIXES include)
  if(CUDA_RUNTIME_INCLUDE)
    target_include_directories(libtorch SYSTEM INTERFACE "${CUDA_RUNTIME_INCLUDE}")
    target_compile_definitions(libtorch INTERFACE FOVEA_CUDA=1)
  else()
    message(STATUS "cuda_runtime_api.h was not found (CUDA_HOME): no figures of GPU memory")
  endif()
endif()
# The last word to the linker would hold for the libraries that follow as well.
target_link_libraries(libtorch INTERFACE -Wl,--as-needed)
