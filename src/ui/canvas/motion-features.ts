// A chunk of its own: the canvas is drawn before its animations are there.
export { domAnimation } from "framer-motion";
