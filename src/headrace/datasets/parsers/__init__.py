"""The formats that publishers of data sets use, read in place: no archive is unpacked into a folder.

idx               images and labels of MNIST and its kin
archive           the files of a .zip, .tar or .tar.gz
records           records of one size: the binary version of CIFAR, STL-10, SVHN
matlab            numeric arrays of MATLAB 5 files
delimited         tables as text
labelled_files    a file for each row, labelled by the folder that it lies in or by a list
parsed_source     any of them as the source of a `Dataset`
"""
