// Printing is the one thing that a page cannot do by itself; without script the browser's menu has it.
const button = document.querySelector("#print");
button.hidden = false;
button.addEventListener("click", () => print());
