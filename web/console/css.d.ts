// What a page imports for its looks: the build puts it into a file of its own beside the script.
declare module '*.css'
